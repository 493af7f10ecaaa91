import { type Locator } from '@playwright/test'

export type LineEnding = 'none' | 'LF' | 'CR' | 'CRLF' | 'NUL'

/** Where a payload is written and sent from, inside one pane. */
export class Composer {
  readonly payload: Locator
  readonly sendButton: Locator
  readonly lineEnding: Locator
  readonly #formats: Locator

  constructor(pane: Locator) {
    this.payload = pane.getByRole('textbox', { name: 'Payload', exact: true })
    this.sendButton = pane.getByRole('button', { name: 'Send', exact: true })
    this.lineEnding = pane.getByRole('combobox', { name: 'Line ending', exact: true })
    this.#formats = pane.getByRole('radiogroup', { name: 'Payload format', exact: true })
  }

  async choose(format: 'Text' | 'Hex'): Promise<void> {
    await this.#formats.getByRole('radio', { name: format, exact: true }).check()
  }

  async endWith(ending: LineEnding): Promise<void> {
    await this.lineEnding.selectOption({ label: ending })
  }

  async send(payload: string): Promise<void> {
    await this.payload.fill(payload)
    await this.sendButton.click()
  }

  async sendHex(payload: string): Promise<void> {
    await this.choose('Hex')
    await this.send(payload)
  }
}
