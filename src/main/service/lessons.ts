import { type LessonFolders } from './api'
import { type Experiments } from './experiments'
import { type Grants } from './grants'
import { fault, type Reply } from '../../shared/model/fault'
import { type LessonCard, type LessonPicture, type ShownLesson } from '../../shared/model/lesson'

export interface LessonsOptions {
  readonly folders: LessonFolders
  /** Files that the user picked. */
  readonly grants: Grants
  /** Where the experiment of each lesson is open. */
  readonly experiments: Experiments
}

/** The lessons that are open, each by the number of its experiment. */
export class Lessons {
  readonly #options: LessonsOptions

  constructor(options: LessonsOptions) {
    this.#options = options
  }

  list(): Promise<readonly LessonCard[]> {
    void this.#options
    return Promise.resolve([])
  }

  open(id: string, _isOwn?: boolean): Promise<Reply<ShownLesson>> {
    return Promise.resolve({ ok: false, fault: fault('SB_UNKNOWN', `There is no lesson ${id}.`) })
  }

  openPicked(_grant: string): Promise<Reply<ShownLesson>> {
    return this.open('here')
  }

  start(experiment: number): Promise<Reply<ShownLesson>> {
    return Promise.resolve(unknown(experiment))
  }

  picture(experiment: number, _name: string): Promise<Reply<LessonPicture>> {
    return Promise.resolve(unknown(experiment))
  }

  forget(_experiment: number): void {}
}

function unknown(experiment: number): Reply<never> {
  return { ok: false, fault: fault('SB_UNKNOWN', `No lesson is open as experiment ${experiment}.`) }
}
