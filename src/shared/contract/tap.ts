import { type CaptureSize } from '../model/record'
import { type PackedRows } from './packedRows'

/** From the service to a pane, at most once a frame. */
export type TapMessage =
  /** The newest rows. Those between the last message's and these were too many for a frame; the pane pulls what it shows of them. */
  | {
      readonly type: 'rows'
      readonly rows: PackedRows
      readonly size: CaptureSize
      readonly costBytes: number
    }
  /** Credit was spent, or the rows could not be read: rows `from` to `to` (exclusive) were not sent; pulled as above. */
  | { readonly type: 'skipped'; readonly from: number; readonly to: number; readonly size: CaptureSize }

/** From a pane to the service: so much has been drawn. */
export interface TapSettlement {
  readonly settleBytes: number
}
