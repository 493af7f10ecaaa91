import { type ComparedRange } from '../../../shared/model/compare'
import { type StreamName } from '../../../shared/model/record'

/** A side as the thread knows it. */
export interface SideTask {
  /** Its number in the scan. */
  readonly socket: number
  readonly stream: StreamName
  readonly range: ComparedRange
}

export interface CompareTask {
  readonly a: SideTask
  readonly b: SideTask
}

export interface CompareTold {
  /** New differences, DIFFERENCE_FLOATS floats each. */
  readonly found: Float64Array
  readonly differences: number
  readonly comparedBytes: number
  readonly isDone: boolean
}
