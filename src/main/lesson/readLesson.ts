import { isUtf8 } from 'node:buffer'
import { basename, join } from 'node:path'
import { type Experiment, type ExperimentProblem } from '../../shared/model/experiment'
import { type Reply } from '../../shared/model/fault'
import { MAX_LESSON_BYTES, type Lesson, type LessonCard, type LessonProblem } from '../../shared/model/lesson'
import { holds as holdsHere } from '../experiment/machine'
import { readExperiment } from '../experiment/readExperiment'
import { Findings } from './findings'
import { EXPERIMENT_FILE, readInFolder, TEXT_FILE } from './folder'
import {
  MAX_PANES,
  readFrontMatter,
  splitFrontMatter,
  type FrontMatter,
  type SplitLesson,
} from './frontMatter'
import { readText, type ReadText } from './lessonText'
import { refuseName } from './ownBlocks'
import { readPicture } from './picture'

/** More pictures than any lesson has. */
const MAX_PICTURES = 64

/** A lesson with all that was found wrong with it: while there is something, it has no blocks. */
export interface ReadLesson {
  readonly lesson: Lesson
  readonly problems: readonly LessonProblem[]
}

/** A lesson with the experiment that it is about; that is null where it has faults, which are among the problems. */
export interface WholeLesson extends ReadLesson {
  readonly experiment: Experiment | null
}

/** Reads a lesson's text and its experiment. @param folder its own */
export async function readWholeLesson(folder: string): Promise<Reply<WholeLesson>> {
  const read = await readExperiment(join(folder, EXPERIMENT_FILE))
  if (!read.ok) return read
  const experiment = read.value.ok ? read.value.experiment : null
  const problems = read.value.ok ? [] : read.value.problems
  return { ok: true, value: { experiment, ...(await readLesson(folder, false, experiment, problems)) } }
}

/**
 * Reads a lesson's text, and checks it against its experiment.
 * @param folder its own
 * @param experiment null where that has faults: then the text is not checked
 */
export async function readLesson(
  folder: string,
  isOwn: boolean,
  experiment: Experiment | null,
  problems: readonly ExperimentProblem[] = [],
): Promise<ReadLesson> {
  const findings = new Findings(TEXT_FILE)
  const { front, split } = await readFront(folder, findings)
  const read =
    split === null || experiment === null
      ? null
      : readText(split.body, split.bodyLine, experiment, holdsHere, findings)
  if (experiment !== null) checkPanes(front, experiment, findings)
  if (read !== null) await checkPictures(folder, read, findings)
  const all = [...problems.map(problemOf), ...findings.list()]
  return {
    lesson: {
      ...cardOf(folder, isOwn, front),
      blocks: all.length === 0 && read !== null ? read.blocks : [],
      panes: front?.panes ?? (experiment === null ? [] : panesOf(experiment)),
    },
    problems: all,
  }
}

/** What a lesson says of itself, as the list has it. */
export async function readCard(folder: string, isOwn: boolean): Promise<LessonCard> {
  const findings = new Findings(TEXT_FILE)
  const { front } = await readFront(folder, findings)
  const card = cardOf(folder, isOwn, front)
  const [first] = findings.list()
  return first === undefined ? card : { ...card, problem: `${first.file}:${first.line}: ${first.message}` }
}

async function readFront(
  folder: string,
  findings: Findings,
): Promise<{ readonly front: FrontMatter | null; readonly split: SplitLesson | null }> {
  const read = await readInFolder(folder, TEXT_FILE, MAX_LESSON_BYTES)
  const text = 'refusal' in read ? read : textOf(read.bytes)
  if (typeof text !== 'string') {
    findings.add(1, text.refusal)
    return { front: null, split: null }
  }
  const split = splitFrontMatter(text, findings)
  return { split, front: split === null ? null : readFrontMatter(split.yaml, findings) }
}

function textOf(bytes: Uint8Array): string | { readonly refusal: string } {
  if (!isUtf8(bytes) || bytes.includes(0))
    return { refusal: 'the file is no text: a lesson is Markdown in UTF-8.' }
  return new TextDecoder().decode(bytes).replace(/\r\n?/g, '\n')
}

function cardOf(folder: string, isOwn: boolean, front: FrontMatter | null): LessonCard {
  const id = basename(folder)
  const { title = id, teaches = '', minutes = 0, needs = [] } = front ?? {}
  return { id, title, teaches, minutes, needs, isOwn }
}

function checkPanes(front: FrontMatter | null, experiment: Experiment, findings: Findings): void {
  for (const name of front?.panes ?? []) {
    const refusal = refuseName(name, experiment)
    if (refusal !== null) findings.add(front?.panesLine ?? 1, `panes: ${refusal}`)
  }
}

/** The endpoints, and the bench where calls are made. */
function panesOf({ endpoints, steps }: Experiment): readonly string[] {
  const bench = steps.some(({ act }) => act === 'call') ? ['bench'] : []
  return [...endpoints.map(({ name }) => name), ...bench].slice(0, MAX_PANES)
}

async function checkPictures(folder: string, { pictures }: ReadText, findings: Findings): Promise<void> {
  let count = 0
  for (const [name, line] of pictures) {
    if (++count > MAX_PICTURES) {
      findings.add(line, `the lesson has more than ${MAX_PICTURES} pictures.`)
      return
    }
    const picture = await readPicture(folder, name)
    if ('refusal' in picture) findings.add(line, picture.refusal)
  }
}

const problemOf = ({ line, key, message }: ExperimentProblem): LessonProblem => ({
  file: EXPERIMENT_FILE,
  line,
  message: key === '' ? message : `${key}: ${message}`,
})
