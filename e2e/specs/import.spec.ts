import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { readFileSync } from 'node:fs'
import { expect, test } from '../drivers/test'
import { pickFile } from '../drivers/dialogs'
import { FindBar } from '../drivers/findBar'
import { temporaryFolder } from '../drivers/places'
import { problemsTold } from '../drivers/problems'
import { recordParts } from '../drivers/recorded'
import { ROOT } from '../drivers/program'
import { needs } from '../peers/needs'

needs('python3', 'editcap', 'tshark')

test('a pcap file packed with gzip is imported: its streams are there, byte by byte', async ({
  app,
  board,
}) => {
  await using folder = await temporaryFolder()
  const recorded = folder.join('recorded.swb')
  await recordParts(recorded, ['GET / HTTP/1.0\r\n\r\n', 200_000, 'the end'])
  const clean = folder.join('clean.pcapng')
  const cli = [
    path.join(ROOT, 'bin/switchboard.mjs'),
    'export',
    recorded,
    '--format',
    'pcapng',
    '--output',
    clean,
  ]
  execFileSync(process.execPath, cli)
  const pcap = folder.join('old.pcap')
  execFileSync('editcap', ['-F', 'pcap', clean, pcap])
  const packed = folder.join('talk.pcap.gz')
  await writeFile(packed, gzipSync(readFileSync(pcap)))

  await pickFile(app, packed)
  await app.window.keyboard.press('ControlOrMeta+o')
  const pane = board.connection('C1')
  await expect(pane.state).toHaveText('closed (fin)')
  // Whoever dialled is on this side: what the listener received went out.
  await pane.carries({ out: 18 + 200_000 + 7, in: 0 })
  await expect(pane.rows.filter({ hasText: 'GET / HTTP/1.0' })).toBeVisible()
  const bar = await FindBar.open(pane)
  await bar.find('the end')
  await expect(bar.told).toHaveText('1 of 1')

  // The same without its middle: what is missing is told where it is missing.
  const torn = folder.join('torn.pcap')
  execFileSync('editcap', ['-F', 'pcap', clean, torn, '6-7'])
  await pickFile(app, torn)
  await app.window.keyboard.press('ControlOrMeta+o')
  const gapped = board.connection('C2')
  await expect(gapped.traffic.getByText(/not captured|gap/i)).toBeVisible()
  const gappedBar = await FindBar.open(gapped)
  await gappedBar.find('the end')
  await expect(gappedBar.told).toHaveText('1 of 1')

  const foreign = folder.join('picture.pcap')
  await writeFile(foreign, Buffer.from('ffd8ffe000104a464946', 'hex'))
  await pickFile(app, foreign)
  await app.window.keyboard.press('ControlOrMeta+o')
  await expect.poll(() => problemsTold(app)).toContain('does not begin as pcapng')
})
