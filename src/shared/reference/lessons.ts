/** The folders of the lessons that come with the program, in their order. */
export const lessonFolders = [
  '01-phone-call',
  '02-address-in-use',
  '03-backlog',
  '04-one-after-another',
  '05-empty-message',
  '06-cut-connection',
  '07-one-or-many',
  '08-what-blocks',
  '09-streams',
  '10-datagrams',
  '11-which-address',
  '12-through-a-file',
  '13-half-close',
  '14-nagle',
  '15-dead-peers',
] as const
export type LessonFolder = (typeof lessonFolders)[number]

/** A lesson by the number that its folder begins with. */
export type LessonNumber = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15

export function lessonFolder(number: LessonNumber): LessonFolder {
  return lessonFolders[number - 1] ?? lessonFolders[0]
}
