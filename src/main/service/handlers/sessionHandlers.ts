import { fault } from '../../../shared/model/fault'
import { type Area } from './area'

const refused = { ok: false, fault: fault('SB_UNSUPPORTED', 'This is not there yet.') } as const

export const sessionHandlers: Area<'session'> = {
  'session.open': ({ grant }, { opened }) => opened.open(grant),
  'session.cancelOpening': ({ opening }, { opened }) => opened.cancel(opening),
  'session.saveAs': () => refused,
  'session.saveCopy': () => refused,
  'session.cancelSaving': () => refused,
  'session.sync': () => refused,
  'session.arrange': () => refused,
  'session.arrangement': () => refused,
}
