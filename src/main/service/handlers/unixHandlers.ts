import { type Area } from './area'

export const unixHandlers: Area<'unix'> = {
  'unix.removeStale': ({ path }, { engine }) => engine.removeStale(path),
}
