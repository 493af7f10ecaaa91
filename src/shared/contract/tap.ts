import { type CaptureSize } from '../model/record'
import { type PackedRows } from './packedRows'

/** From the service to a pane, at most once a frame. */
export type TapMessage =
  | {
      readonly type: 'rows'
      readonly rows: PackedRows
      readonly size: CaptureSize
      readonly costBytes: number
    }
  /** Credit was spent: rows `from` to `to` (exclusive) were not sent; the pane pulls what it shows of them. */
  | { readonly type: 'skipped'; readonly from: number; readonly to: number; readonly size: CaptureSize }

/** From a pane to the service: so much has been drawn. */
export interface TapSettlement {
  readonly settleBytes: number
}
