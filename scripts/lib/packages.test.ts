import { expect, test } from 'vitest'
import { checkNode } from './packages.mjs'

test.each(['20.19.0', '20.20.2', '22.13.0', '24.0.0'])('Node %s is new enough', (version) => {
  expect(() => checkNode(version)).not.toThrow()
})

test.each(['18.20.4', '20.18.3', '20.9.0'])(
  'Node %s is refused, with the version that is needed',
  (version) => {
    expect(() => checkNode(version)).toThrow(`Node 20.19 or newer is needed; this is Node ${version}.`)
  },
)
