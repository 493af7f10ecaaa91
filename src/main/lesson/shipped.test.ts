import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { shippedLessons } from './shipped'

test('lessons lie at the top of a clone, and beside the archive of an installed program', () => {
  const at = (path: string): string => shippedLessons(pathToFileURL(path).href)
  expect(at('/src/switchboard/out/main/cli.js')).toBe('/src/switchboard/lessons')
  expect(at('/src/switchboard/out/main/chunks/run-x.js')).toBe('/src/switchboard/lessons')
  expect(at('/opt/Switchboard/resources/app.asar/out/main/index.js')).toBe(
    '/opt/Switchboard/resources/lessons',
  )
})
