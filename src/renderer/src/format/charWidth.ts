/** Used where there is nothing to measure with: that of most faces at 12 px. */
const USUAL_PX = 7.2

/** The width in px of a character of an element's fixed-width face. */
export function charWidthOf(element: Element): number {
  const context = document.createElement('canvas').getContext('2d')
  if (context === null) return USUAL_PX
  // Not its `font`, which is empty where a face is set in a way that the shorthand cannot say.
  const { fontStyle, fontWeight, fontSize, fontFamily } = getComputedStyle(element)
  context.font = `${fontStyle} ${fontWeight} ${fontSize} ${fontFamily}`
  return context.measureText('0').width || USUAL_PX
}
