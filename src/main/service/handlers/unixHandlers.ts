import { type Area } from './handlers'

export const unixHandlers: Area<'unix'> = {
  'unix.removeStale': ({ path }, { engine }) => engine.removeStale(path),
}
