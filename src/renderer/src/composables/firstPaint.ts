/** A window that is minimised draws nothing, and must not wait for ever. */
const AT_THE_LATEST_MS = 250

/** Resolves when the page has been drawn once: what can wait until then leaves the processor to that. */
export const firstPaint = new Promise<void>((resolve) => {
  const drawn = new PerformanceObserver((list) => {
    if (list.getEntriesByName('first-contentful-paint').length > 0) resolve()
  })
  drawn.observe({ type: 'paint', buffered: true })
  setTimeout(resolve, AT_THE_LATEST_MS)
})
