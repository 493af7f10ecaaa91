/** The parts of the window in the order of F6: what is marked `data-region`, panes among them. */
export function cycleRegions(by: 1 | -1): void {
  const regions = [...document.querySelectorAll<HTMLElement>('[data-region]')].filter(
    (each) => each.offsetParent !== null,
  )
  if (regions.length === 0) return
  const current = regions.findIndex((each) => each.contains(document.activeElement))
  const next = regions[(current + by + regions.length) % regions.length] ?? regions[0]
  if (next === undefined) return
  const target =
    next.querySelector<HTMLElement>('[data-region-focus]:not(:disabled)') ??
    next.querySelector<HTMLElement>(
      'input:not(:disabled), textarea:not(:disabled), button:not(:disabled), [tabindex="0"]',
    )
  target?.focus()
}
