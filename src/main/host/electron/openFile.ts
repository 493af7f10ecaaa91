import path from 'node:path'
import { fault } from '../../../shared/model/fault'
import { type PageLink } from './pageLink'

/** The file that the user named on the command line, if there is one. */
export function fileIn(words: readonly string[]): string | null {
  return words.find((word) => !word.startsWith('-')) ?? null
}

/** The window shows the session that is going on. A file from before is told about honestly. */
export function offerFile(file: string, link: PageLink): void {
  link.tell([
    {
      name: 'problem.arose',
      value: {
        id: null,
        fault: fault('SB_UNSUPPORTED', `${path.basename(file)} cannot be opened in the window yet.`, {
          endpoint: file,
          hint: 'Wireshark opens recordings as they are, and `switchboard info FILE` tells what one holds.',
        }),
      },
    },
  ])
}
