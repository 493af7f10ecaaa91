import { type Area } from './area'

export const sessionHandlers: Area<'session'> = {
  'session.open': ({ grant }, { opened }) => opened.open(grant),
  'session.cancelOpening': ({ opening }, { opened }) => opened.cancel(opening),
}
