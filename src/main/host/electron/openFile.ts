import path from 'node:path'
import { type Fault } from '../../../shared/model/fault'
import { type PageLink } from './pageLink'
import { type ServiceHost } from './serviceHost'

/** The file that the user named on the command line, if there is one. */
export function fileIn(words: readonly string[]): string | null {
  return words.find((word) => !word.startsWith('-')) ?? null
}

/** Opens a recording that the user named outside of the window. What is wrong with it is told in the window. */
export async function openFile(file: string, service: ServiceHost, link: PageLink): Promise<void> {
  const tell = (fault: Fault): void => link.tell([{ name: 'problem.arose', value: { id: null, fault } }])
  const granted = await service.grantFile(path.resolve(file))
  if (!granted.ok) return tell(granted.fault)
  const opened = await service.call('session.open', { grant: granted.value })
  if (!opened.ok) tell(opened.fault)
}
