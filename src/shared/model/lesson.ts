import { type Condition, type ShownExperiment } from './experiment'

/** How much one lesson's text may hold. */
export const MAX_LESSON_BYTES = 256 * 1024
/** Of one picture of it. */
export const MAX_PICTURE_BYTES = 512 * 1024

/** A lesson as the gallery has it. */
export interface LessonCard {
  /** The name of its folder: `01-phone-call`. */
  readonly id: string
  readonly title: string
  /** One sentence: what one knows afterwards. */
  readonly teaches: string
  readonly minutes: number
  /** What of it needs what: `raw sockets need CAP_NET_RAW`. Empty for most. */
  readonly needs: readonly string[]
  /** It lies in the user's own folder. */
  readonly isOwn: boolean
  /** Why it cannot be read; such a lesson is shown, and not opened. */
  readonly problem?: string | undefined
}

/** A lesson, read and checked against its experiment. */
export interface Lesson extends LessonCard {
  /** What its text comes to, in order. */
  readonly blocks: readonly LessonBlock[]
  /** Whose panes are opened as their sockets appear: endpoints, or `bench`. */
  readonly panes: readonly string[]
}

/** A lesson that a window has open, with the experiment that its steps are of. */
export interface ShownLesson {
  readonly lesson: Lesson
  readonly experiment: ShownExperiment
  /** What is wrong with the lesson or its experiment. While there is something, there are neither blocks nor steps. */
  readonly problems: readonly LessonProblem[]
}

/** One thing that is wrong with a lesson's text, or with the experiment beside it. */
export interface LessonProblem {
  /** The file's name without its folder. */
  readonly file: string
  /** Counted from 1. */
  readonly line: number
  /** What is wrong, what was found, what was expected: one sentence. */
  readonly message: string
}

/** `lesson.md:12: …`, as compilers and editors write it. */
export function lessonProblemText({ file, line, message }: LessonProblem): string {
  return `${file}:${line}: ${message}`
}

export const pictureTypes = ['image/svg+xml', 'image/png', 'image/jpeg'] as const

/** A picture of a lesson, to be shown as an image and nothing else. */
export interface LessonPicture {
  /** What its bytes say that it is. */
  readonly type: (typeof pictureTypes)[number]
  readonly bytes: Uint8Array
}

export type LessonBlock =
  | { readonly is: 'heading'; readonly level: 1 | 2 | 3; readonly text: readonly Inline[] }
  | { readonly is: 'paragraph'; readonly text: readonly Inline[] }
  | {
      readonly is: 'list'
      readonly isOrdered: boolean
      /** The number of the first item; absent where that is 1, or there are none. */
      readonly start?: number
      readonly items: readonly (readonly LessonBlock[])[]
    }
  | {
      readonly is: 'table'
      readonly head: readonly (readonly Inline[])[]
      readonly rows: readonly (readonly (readonly Inline[])[])[]
    }
  | { readonly is: 'code'; readonly language: string; readonly text: string }
  | { readonly is: 'quote'; readonly blocks: readonly LessonBlock[] }
  | { readonly is: 'rule' }
  | { readonly is: 'picture'; readonly image: string; readonly alt: string }
  /** A step of the lesson: the experiment's steps `from` to `to` (exclusive). */
  | { readonly is: 'do'; readonly part: string; readonly from: number; readonly to: number }
  /** Where to look once the part before it is done. */
  | { readonly is: 'watch'; readonly points: readonly WatchPoint[] }
  | {
      readonly is: 'ask'
      readonly question: readonly Inline[]
      readonly choices: readonly { readonly text: readonly Inline[]; readonly isRight: boolean }[]
      readonly answer: readonly LessonBlock[]
    }
  /** Text that is true only where something holds. */
  | {
      readonly is: 'where'
      readonly conditions: readonly Condition[]
      readonly holds: boolean
      readonly blocks: readonly LessonBlock[]
    }
  /** A strip of pictures, one for each part: the telephone of the first lesson. */
  | { readonly is: 'stages'; readonly stages: readonly Stage[] }

export interface Stage {
  readonly part: string
  readonly image: string
  /** In everyday words: `buy a phone`. */
  readonly words: string
  /** The call that it stands for: `socket()`. */
  readonly call: string
}

/** `of`: endpoints, `bench`, or with `server[2]` the second caller that a listener accepted. */
export type WatchPoint = { readonly text: readonly Inline[] } & (
  | { readonly at: 'pane'; readonly of: string }
  /** The last row of its traffic. */
  | { readonly at: 'row'; readonly of: string }
  | { readonly at: 'ladder'; readonly of: readonly string[] }
  /** A field of the kernel's view, by its key in `kernelFields`. */
  | { readonly at: 'kernel'; readonly of: string; readonly field: string }
)

export type Inline =
  | { readonly is: 'text'; readonly text: string }
  /** Words of the reference among these lead to their page. */
  | { readonly is: 'code'; readonly of: readonly (TextRun | ValueRun)[] }
  | { readonly is: 'strong' | 'emphasis'; readonly of: readonly Inline[] }
  | { readonly is: 'link'; readonly to: LessonLink; readonly of: readonly Inline[] }
  | ValueRun

export interface TextRun {
  readonly is: 'text'
  readonly text: string
}
/** What was measured on this machine: `{server.port}`. */
export interface ValueRun {
  readonly is: 'value'
  readonly name: string
}

export type LessonLink =
  | { readonly is: 'reference'; readonly word: string }
  | { readonly is: 'lesson'; readonly id: string }
  /** Shown, not followed: nothing is fetched. */
  | { readonly is: 'address'; readonly url: string }
