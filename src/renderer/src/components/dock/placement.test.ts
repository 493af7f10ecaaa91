import { describe, expect, test } from 'vitest'
import { placeBeside, placeFor } from './placement'

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

describe('a pane that shall be seen together with the others', () => {
  test('stands at the right while there is room, the first listener at the left', () => {
    expect(placeBeside('L1', [place('C1')], 700)).toEqual({ referencePanel: 'C1', direction: 'left' })
    expect(placeBeside('L2', [listeners], 700)).toEqual({ referencePanel: 'L1', direction: 'right' })
  })
  test('then below those that came first', () => {
    expect(placeBeside('C2', [listeners, place('C1')], 700)).toEqual({
      referencePanel: 'L1',
      direction: 'below',
    })
    expect(placeBeside('C3', [listeners, place('C1'), place('C2')], 700)).toEqual({
      referencePanel: 'C1',
      direction: 'below',
    })
  })
  test('stands below the one that is there where two would be too narrow, and a third lies behind', () => {
    expect(placeBeside('C1', [listeners], 340)).toEqual({ referencePanel: 'L1', direction: 'below' })
    expect(placeBeside('C2', [listeners, place('C1')], 340)).toEqual({
      referencePanel: 'C1',
      direction: 'within',
    })
  })
  test('lies behind another once four are seen', () => {
    const four = [listeners, place('C1'), place('C2'), place('C3')]
    expect(placeBeside('C4', four, 700)?.direction).toBe('within')
  })
})
