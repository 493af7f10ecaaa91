import { realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { EXPERIMENT_FILE, lessonFolder } from '../lesson/folder'
import { lessonNames, listLessons } from '../lesson/listLessons'
import { readPicture } from '../lesson/picture'
import { readLesson } from '../lesson/readLesson'
import { fault, type Reply } from '../../shared/model/fault'
import { type ShownExperiment } from '../../shared/model/experiment'
import {
  type Lesson,
  type LessonBlock,
  type LessonCard,
  type LessonPicture,
  type ShownLesson,
} from '../../shared/model/lesson'
import { type LessonFolders } from './api'
import { type Experiments } from './experiments'
import { type Grants } from './grants'

export interface LessonsOptions {
  readonly folders: LessonFolders
  /** Files that the user picked. */
  readonly grants: Grants
  /** Where the experiment of each lesson is open. */
  readonly experiments: Experiments
}

interface Opened {
  readonly folder: string
  readonly isOwn: boolean
  lesson: Lesson
}

/** The lessons that are open, each by the number of its experiment. */
export class Lessons {
  readonly #options: LessonsOptions
  readonly #open = new Map<number, Opened>()

  constructor(options: LessonsOptions) {
    this.#options = options
  }

  /** Those that come with the program, then the user's own. */
  async list(): Promise<readonly LessonCard[]> {
    const { shipped, own } = this.#options.folders
    return [
      ...(shipped === undefined ? [] : await listLessons(shipped, false)),
      ...(own === undefined ? [] : await listLessons(own, true)),
    ]
  }

  /** @param isOwn which of two lessons of one name is meant; the one that there is, if not given */
  async open(id: string, isOwn?: boolean): Promise<Reply<ShownLesson>> {
    const { shipped, own } = this.#options.folders
    const places = [
      { folder: shipped, isOwn: false },
      { folder: own, isOwn: true },
    ] as const
    for (const { folder, isOwn: isTheirs } of places) {
      if (folder === undefined || (isOwn !== undefined && isOwn !== isTheirs)) continue
      if ((await lessonNames(folder)).includes(id)) return this.#openIn(join(folder, id), isTheirs)
    }
    return { ok: false, fault: fault('SB_UNKNOWN', `There is no lesson ${id.slice(0, 80)}.`) }
  }

  /** Opens a lesson that the user picked, by its folder or its text. */
  async openPicked(grant: string): Promise<Reply<ShownLesson>> {
    const { grants, folders } = this.#options
    const path = grants.pathOf(grant)
    if (path === undefined)
      return {
        ok: false,
        fault: fault('SB_INPUT', 'This lesson was not picked, or has been opened already.'),
      }
    grants.use(grant)
    const folder = await lessonFolder(path)
    return folder.ok ? this.#openIn(folder.value, !(await isIn(folder.value, folders.shipped))) : folder
  }

  /** Reads text and experiment anew, and stands before the first step. */
  async start(experiment: number): Promise<Reply<ShownLesson>> {
    const opened = this.#open.get(experiment)
    if (opened === undefined) return unknown(experiment)
    const started = await this.#options.experiments.start(experiment)
    return started.ok ? this.#read(started.value, opened.folder, opened.isOwn) : started
  }

  /** A picture that the text of an open lesson names: no other file of its folder. */
  async picture(experiment: number, name: string): Promise<Reply<LessonPicture>> {
    const opened = this.#open.get(experiment)
    if (opened === undefined) return unknown(experiment)
    if (!picturesOf(opened.lesson.blocks).has(name))
      return { ok: false, fault: fault('SB_UNKNOWN', `The lesson names no picture ${name.slice(0, 80)}.`) }
    const picture = await readPicture(opened.folder, name)
    if (!('refusal' in picture)) return { ok: true, value: picture }
    return { ok: false, fault: fault('SB_INPUT', `The picture cannot be shown: ${picture.refusal}`) }
  }

  forget(experiment: number): void {
    this.#open.delete(experiment)
  }

  async #openIn(folder: string, isOwn: boolean): Promise<Reply<ShownLesson>> {
    const opened = await this.#options.experiments.openAt(join(folder, EXPERIMENT_FILE))
    return opened.ok ? this.#read(opened.value, folder, isOwn) : opened
  }

  async #read(experiment: ShownExperiment, folder: string, isOwn: boolean): Promise<Reply<ShownLesson>> {
    const number = experiment.experiment
    const checked = this.#options.experiments.checked(number)
    const { lesson, problems } = await readLesson(folder, isOwn, checked, experiment.problems)
    this.#open.set(number, { folder, isOwn, lesson })
    return { ok: true, value: { lesson, experiment, problems } }
  }
}

async function isIn(folder: string, parent: string | undefined): Promise<boolean> {
  if (parent === undefined) return false
  const [outside, asked] = await Promise.all([dirname(folder), parent].map(placeOf))
  return outside === asked
}

const placeOf = (path: string): Promise<string> => realpath(path).catch(() => path)

function picturesOf(blocks: readonly LessonBlock[]): ReadonlySet<string> {
  const names = new Set<string>()
  const look = (block: LessonBlock): void => {
    if (block.is === 'picture') names.add(block.image)
    else if (block.is === 'stages') for (const { image } of block.stages) names.add(image)
    else if (block.is === 'list') block.items.flat().forEach(look)
    else if (block.is === 'quote' || block.is === 'where') block.blocks.forEach(look)
    else if (block.is === 'ask') block.answer.forEach(look)
  }
  blocks.forEach(look)
  return names
}

function unknown(experiment: number): Reply<never> {
  return { ok: false, fault: fault('SB_UNKNOWN', `No lesson is open as experiment ${experiment}.`) }
}
