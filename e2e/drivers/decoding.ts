import { type Locator } from '@playwright/test'
import { type Pane } from './pane'

/** The fields of the selected chunk, beside its bytes. */
export class Decoding {
  readonly chunk: Locator
  readonly choice: Locator
  readonly tree: Locator
  /** The bytes that a field lights, one box for the digits and one for the characters of each line. */
  readonly litBytes: Locator
  readonly litFields: Locator

  constructor(pane: Pane) {
    this.chunk = pane.region.getByRole('group', { name: 'Selected chunk', exact: true })
    this.choice = this.chunk.getByRole('combobox', { name: 'Decode as', exact: true })
    this.tree = this.chunk.getByRole('tree', { name: 'Fields', exact: true })
    this.litBytes = this.chunk.locator('.mark.lit')
    this.litFields = this.tree.locator('.lit')
  }

  field(text: string | RegExp): Locator {
    return this.tree.getByRole('treeitem').filter({ hasText: text })
  }
}
