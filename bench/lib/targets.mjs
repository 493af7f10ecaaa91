/**
 * What each comparison must reach (floor) and is meant to reach (aim). Values are ratios where there is no unit. Where the aim
 * lies below the floor, less is better.
 */
export const targets = {
  receiveAgainstLimit: { floor: 0.65, aim: 0.9, unit: '' },
  receiveAgainstData: { floor: 1.4, aim: 2, unit: '' },
  receiveAgainstSocat: { floor: 1, aim: 1.5, unit: '' },
  receiveAgainstSocatLong: { floor: 2, aim: 4, unit: '' },
  receiveAgainstNcat: { floor: 1.7, aim: 3, unit: '' },
  roundTrips: { floor: 0.6, aim: 0.9, unit: '' },
  accepts: { floor: 1, aim: 1.5, unit: '' },
  udp: { floor: 0.3, aim: 0.9, unit: '' },
  memoryGrowth: { floor: 64, aim: 16, unit: 'MB' },
  recordsGrowth: { floor: 64, aim: 16, unit: 'MB' },
  recordsLookUp: { floor: 16.7, aim: 2, unit: 'ms' },
  screenful: { floor: 16.7, aim: 2, unit: 'ms' },
  frames: { floor: 1.3, aim: 1.1, unit: '' },
  framesScrolling: { floor: 1.3, aim: 1.1, unit: '' },
  search: { floor: 1.3, aim: 2, unit: '' },
  indexRebuilt: { floor: 10, aim: 30, unit: '' },
  saveFirst: { floor: 1.5, aim: 1, unit: '' },
  save: { floor: 1.5, aim: 1, unit: '' },
  saveSynced: { floor: 1.5, aim: 1, unit: '' },
  replaySpeed: { floor: 0.7, aim: 0.9, unit: '' },
  replaySchedule: { floor: 1, aim: 0.3, unit: 'ms' },
  replayTogether: { floor: 2, aim: 1.1, unit: '' },
  firstRows: { floor: 500, aim: 100, unit: 'ms' },
  loopDelay: { floor: 20, aim: 5, unit: 'ms' },
  firstPaint: { floor: 1.25, aim: 1.1, unit: '' },
}
