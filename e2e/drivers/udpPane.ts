import { expect, type Locator, type Page } from '@playwright/test'
import { Pane } from './pane'

/** A datagram socket's pane: UDP, Unix or raw. */
export class UdpPane extends Pane {
  readonly sendTo: Locator
  readonly behaviour: Locator

  constructor(window: Page, id: string) {
    super(window, id)
    this.sendTo = this.region.getByRole('textbox', { name: 'Send to', exact: true })
    this.behaviour = this.region.getByRole('combobox', { name: 'Behaviour', exact: true })
  }

  async behave(behaviour: string): Promise<void> {
    await this.behaviour.fill(behaviour)
    await this.behaviour.press('Enter')
  }

  /** The port that the kernel bound. */
  async port(): Promise<number> {
    await expect(this.state).toHaveText(/^bound to /)
    const match = /^bound to udp:\/\/.*:(\d+)/.exec(await this.state.innerText())
    return Number(match?.[1])
  }

  async sendDatagram(to: string, payload: string): Promise<void> {
    await this.sendTo.fill(to)
    await this.composer.send(payload)
  }
}
