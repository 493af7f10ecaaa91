import type { ReferenceKind } from '@shared/model/reference'

/** What pages of a kind are called together, and one of them. */
export const kindTitles: Readonly<Record<ReferenceKind, readonly [all: string, one: string]>> = {
  call: ['Calls', 'call'],
  option: ['Options', 'option'],
  flag: ['Flags and names', 'flag or name'],
  state: ['States', 'state'],
  error: ['Errors', 'error'],
  number: ["The kernel's numbers", 'number of the kernel'],
  word: ['Words', 'word'],
}
