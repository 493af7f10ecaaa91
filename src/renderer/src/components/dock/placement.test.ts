import { describe, expect, test } from 'vitest'
import { placeFor } from './placement'

const listeners = { id: 'L1', isListeners: true, panels: 1 }
const place = (id: string, panels = 1) => ({ id, isListeners: false, panels })

describe('a new pane', () => {
  test('fills an empty dock', () => {
    expect(placeFor('C1', [], 1200)).toBeNull()
  })
  test('of a listener goes to the left, or behind other listeners', () => {
    expect(placeFor('L1', [place('C1')], 1200)).toEqual({ referencePanel: 'C1', direction: 'left' })
    expect(placeFor('L2', [listeners, place('C1')], 1200)).toEqual({
      referencePanel: 'L1',
      direction: 'within',
    })
  })
  test('of a connection goes to the right for as long as there is room', () => {
    expect(placeFor('C1', [listeners], 1200)).toEqual({ referencePanel: 'L1', direction: 'right' })
    expect(placeFor('C2', [listeners, place('C1')], 1200)).toEqual({
      referencePanel: 'C1',
      direction: 'right',
    })
  })
  test('goes behind the fewest where there is no room left', () => {
    expect(placeFor('C3', [listeners, place('C1', 2), place('C2')], 900)).toEqual({
      referencePanel: 'C2',
      direction: 'within',
    })
  })
  test('of a connection never hides a lone listener, however narrow the window', () => {
    expect(placeFor('C1', [listeners], 200)).toEqual({ referencePanel: 'L1', direction: 'right' })
  })
})
