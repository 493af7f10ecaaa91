import type UPlot from 'uplot'

/** What all plots have in common: the theme's colours as a canvas takes them, and axes that are drawn with them. */
export interface PlotParts {
  /** What the theme makes of one of our tokens. */
  readonly colour: (token: string) => string
  readonly axis: () => Partial<UPlot.Axis>
}

/** @param probe an element that is not shown */
export function plotParts(probe: () => HTMLElement | null): PlotParts {
  function colour(token: string): string {
    const element = probe()
    if (element === null) return 'gray'
    element.style.color = `var(${token})`
    return getComputedStyle(element).color
  }
  function axis(): Partial<UPlot.Axis> {
    return {
      stroke: () => colour('--text-soft'),
      font: '11px system-ui',
      grid: { stroke: () => colour('--line'), width: 1 },
      ticks: { stroke: () => colour('--line-strong'), width: 1, size: 4 },
    }
  }
  return { colour, axis }
}

/** Digits that tell one tick from the next. */
export function secondsTicks(values: readonly number[]): string[] {
  const step = (values[1] ?? 1) - (values[0] ?? 0)
  const digits = Math.min(9, Math.max(0, Math.ceil(-Math.log10(step || 1) - 1e-6)))
  return values.map((value) => `${value.toFixed(digits)} s`)
}
