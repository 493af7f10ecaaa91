import { benchHandlers } from './benchHandlers'
import { type Handlers } from './area'
import { captureHandlers } from './captureHandlers'
import { compareHandlers } from './compareHandlers'
import { connectionHandlers } from './connectionHandlers'
import { filterHandlers } from './filterHandlers'
import { experimentHandlers } from './experimentHandlers'
import { exportHandlers } from './exportHandlers'
import { framesHandlers } from './framesHandlers'
import { kernelHandlers } from './kernelHandlers'
import { ladderHandlers } from './ladderHandlers'
import { lessonHandlers } from './lessonHandlers'
import { listenerHandlers } from './listenerHandlers'
import { markHandlers } from './markHandlers'
import { mergeHandlers } from './mergeHandlers'
import { programHandlers } from './programHandlers'
import { replayHandlers } from './replayHandlers'
import { searchHandlers } from './searchHandlers'
import { sessionHandlers } from './sessionHandlers'
import { statsHandlers } from './statsHandlers'
import { socketHandlers } from './socketHandlers'
import { udpHandlers } from './udpHandlers'
import { unixHandlers } from './unixHandlers'

/** Every command has its handler, or this does not compile. */
export const handlers: Handlers = {
  ...listenerHandlers,
  ...connectionHandlers,
  ...udpHandlers,
  ...socketHandlers,
  ...captureHandlers,
  ...statsHandlers,
  ...mergeHandlers,
  ...ladderHandlers,
  ...searchHandlers,
  ...compareHandlers,
  ...sessionHandlers,
  ...filterHandlers,
  ...exportHandlers,
  ...experimentHandlers,
  ...lessonHandlers,
  ...framesHandlers,
  ...markHandlers,
  ...programHandlers,
  ...replayHandlers,
  ...kernelHandlers,
  ...unixHandlers,
  ...benchHandlers,
}
