import { fixed } from './plan/addresses'
import { type End } from './plan/plan'

/** What each behaviour does, in the words of the program that does it. */
export const behaviourWords: Readonly<Record<string, string>> = {
  echo: 'Sends back what comes, until the caller has finished (RFC 862).',
  upper: 'Sends back what comes in upper case, until the caller has finished.',
  discard: 'Reads what comes and answers nothing (RFC 863).',
  reply: 'Gives the same answer to each piece that comes.',
  chargen: 'Sends characters without end (RFC 864).',
  daytime: 'Tells date and time, and finishes (RFC 867).',
  chat: 'Passes on what this caller says to all others.',
  proxy: 'Passes on what the caller and the other side say to each other.',
}

/** What bind(2) does for an end. */
export function bindAbout({ address }: End): string {
  if ('path' in address) return 'bind(2): gives the socket its path; the file appears there.'
  const port = 'port' in address ? fixed(address.port) : null
  return port === '0'
    ? 'bind(2): gives the socket its address; port 0 lets the kernel choose a port.'
    : 'bind(2): gives the socket its address.'
}
