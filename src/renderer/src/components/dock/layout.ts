import { isSocketId } from '@shared/model/ids'

/**
 * A dock's arrangement as the library takes it, with nothing in it but our own panes: it comes out of a session's file, which may be
 * anybody's. Null where it is none.
 */
export function layoutIn(found: unknown): object | null {
  if (!isRecord(found) || !isRecord(found['grid']) || !isRecord(found['panels'])) return null
  const ids = Object.keys(found['panels']).filter((id) => isSocketId(id))
  const { grid, activeGroup } = found
  return {
    grid,
    panels: Object.fromEntries(
      ids.map((id) => [
        id,
        { id, contentComponent: 'SocketPane', tabComponent: 'PaneTab', title: '', params: { id } },
      ]),
    ),
    ...(typeof activeGroup === 'string' ? { activeGroup } : {}),
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
