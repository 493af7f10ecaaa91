import { expect, type Locator, type Page } from '@playwright/test'
import { Pane } from './pane'

/** A listener's pane: its behaviour, and those who called. */
export class ListenerPane extends Pane {
  readonly behaviour: Locator
  readonly connections: Locator

  constructor(window: Page, id: string) {
    super(window, id)
    this.behaviour = this.region.getByRole('combobox', { name: 'Behaviour', exact: true })
    this.connections = this.region.getByRole('list', { name: 'Connections', exact: true })
  }

  /** The address that the kernel bound, as the state tells it. */
  async url(): Promise<string> {
    await expect(this.state).toHaveText(/^listening on /)
    return (await this.state.innerText()).slice('listening on '.length)
  }

  async behave(behaviour: string): Promise<void> {
    await this.behaviour.fill(behaviour)
    await this.behaviour.press('Enter')
  }

  /** Sends to every open connection of the listener. */
  async broadcast(payload: string): Promise<void> {
    await this.composer.payload.fill(payload)
    await this.button('Broadcast').click()
  }

  /** The entry of one accepted connection. */
  connection(id: string): Locator {
    return this.connections.getByRole('listitem').filter({ hasText: new RegExp(`^\\s*${id}\\b`) })
  }
}
