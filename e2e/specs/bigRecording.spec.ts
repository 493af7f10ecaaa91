import { rm } from 'node:fs/promises'
import { expect, test } from '@playwright/test'
import { launchApp, type App } from '../drivers/app'
import { pickFile } from '../drivers/dialogs'
import { FindBar } from '../drivers/findBar'
import { ConnectionPane } from '../drivers/pane'
import { temporaryFolder, type Folder } from '../drivers/places'
import { CHUNK_BYTES, recordParts } from '../drivers/recorded'
import { needs } from '../peers/needs'

needs('python3')

const HALF = 8192 * CHUNK_BYTES
const NEEDLE = 'here lies the needle'
const TOTAL = 2 * HALF + NEEDLE.length

/** Eight bytes of a flood's stream as hex: lines of 16 bytes, each the number of its chunk. */
function eightAt(offset: number): string {
  const inFlood = offset < HALF ? offset : offset - NEEDLE.length
  const bytes = Array.from({ length: 8 }, (_, n) => {
    const at = inFlood + n
    const line = `${String(Math.floor(at / CHUNK_BYTES)).padStart(15, '0')}\n`
    return line
      .charCodeAt(at % 16)
      .toString(16)
      .padStart(2, '0')
  })
  return bytes.join(' ')
}

let folder: Folder
let file: string
let app: App
let pane: ConnectionPane

test.describe('a recording of a gigabyte', () => {
  test.describe.configure({ mode: 'serial' })
  test.beforeAll(async () => {
    folder = await temporaryFolder()
    file = folder.join('big.swb')
    await recordParts(file, [HALF, NEEDLE, HALF])
    app = await launchApp()
    pane = new ConnectionPane(app.window, 'C1')
  })
  test.afterAll(async () => {
    await app[Symbol.asyncDispose]()
    await folder[Symbol.asyncDispose]()
  })

  test('opens by its index, and anew without one', async () => {
    await pickFile(app, file)
    await app.window.keyboard.press('ControlOrMeta+Alt+o')
    await expect(pane.state).toHaveText('closed (fin)')
    await pane.carries({ in: TOTAL })
    await rm(`${file}.idx`)
    await app.window.keyboard.press('ControlOrMeta+Alt+o')
    const again = new ConnectionPane(app.window, 'C2')
    await again.carries({ in: TOTAL })
    await expect(again.state).toHaveText('closed (fin)')
  })

  test('is right at any place', async () => {
    await app.board.tree.open('C1')
    await pane.show('Hex')
    for (const part of [0.25, 0.9, 0.0123]) {
      await pane.scrollTo(part)
      await expect(async () => {
        const lines = await pane.rows.allInnerTexts()
        const places = lines.flatMap((text) => {
          const offset = Number.parseInt(/[0-9a-f]{8,}/.exec(text)?.[0] ?? '', 16)
          return Number.isNaN(offset) ? [] : [{ offset, text }]
        })
        expect(places.length).toBeGreaterThan(5)
        for (const { offset, text } of places) {
          expect(text.replaceAll(/\s+/g, ' ')).toContain(eightAt(offset))
          expect(Math.abs(offset - part * TOTAL)).toBeLessThan(0.01 * TOTAL)
        }
      }).toPass()
    }
  })

  test('is searched through', async () => {
    const bar = await FindBar.open(pane)
    await bar.find(NEEDLE)
    await expect(bar.told).toHaveText('1 of 1', { timeout: 60_000 })
    await expect(pane.rows.filter({ hasText: 'here lie' }).first()).toBeVisible()
  })
})
