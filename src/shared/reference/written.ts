import { type ReferenceFact, type ReferenceKind, type ReferencePage } from '../model/reference'
import { lessonFolder, type LessonNumber } from './lessons'

/** A page as its table has it, under its word: what is absent is empty. */
export interface Written {
  readonly also?: readonly string[]
  readonly does: string
  readonly blocks?: string
  readonly returns?: string
  readonly then?: string
  /** Errno and when. */
  readonly fails?: Readonly<Record<string, string>>
  readonly facts?: readonly ReferenceFact[]
  readonly man?: readonly string[]
  readonly rfc?: readonly string[]
  readonly lessons?: readonly LessonNumber[]
  readonly related?: readonly string[]
}
export type WrittenTable = Readonly<Record<string, Written>>

export function pageOf(kind: ReferenceKind, word: string, written: Written): ReferencePage {
  const {
    also = [],
    fails = {},
    facts = [],
    man = [],
    rfc = [],
    lessons = [],
    related = [],
    ...texts
  } = written
  return {
    word,
    kind,
    also,
    ...texts,
    fails: Object.entries(fails),
    facts,
    man,
    rfc,
    lessons: lessons.map(lessonFolder),
    related,
  }
}

export function pagesOf(kind: ReferenceKind, table: WrittenTable): readonly ReferencePage[] {
  return Object.entries(table).map(([word, written]) => pageOf(kind, word, written))
}
