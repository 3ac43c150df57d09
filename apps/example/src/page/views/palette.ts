/** Colours and type of the tokens, for what is drawn and not styled. */
export interface Palette {
  readonly ink: string
  readonly muted: string
  readonly line: string
  readonly surface: string
  readonly bad: string
  readonly kinds: Readonly<Record<'content' | 'retransmission' | 'repair' | 'sync', string>>
  readonly font: string
  /** The visitor asked for less motion. */
  readonly isStill: boolean
}

const queries = [
  '(prefers-color-scheme: dark)',
  '(prefers-reduced-motion: reduce)',
  '(forced-colors: active)',
]

/** Reads them, and again whenever the visitor's preferences change, until the function that comes back is called. */
export function followPalette(element: Element, take: (palette: Palette) => void): () => void {
  const read = (): void => take(readPalette(element))
  const lists = queries.map((query) => matchMedia(query))
  for (const list of lists) list.addEventListener('change', read)
  read()
  return () => {
    for (const list of lists) list.removeEventListener('change', read)
  }
}

/** Reads them where they hold: they differ between light and dark. */
function readPalette(element: Element): Palette {
  const style = getComputedStyle(element)
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  // `light-dark()` is not resolved in a custom property that is read: the probe's colours are.
  const probe = (name: string): string => {
    const span = document.createElement('span')
    span.style.color = `var(--${name})`
    element.parentElement!.append(span)
    const { color } = getComputedStyle(span)
    span.remove()
    return color
  }
  return {
    ink: probe('ink'),
    muted: probe('muted'),
    line: probe('line'),
    surface: probe('surface'),
    bad: probe('bad'),
    kinds: {
      content: probe('accent'),
      retransmission: probe('again'),
      repair: probe('repair'),
      sync: probe('muted'),
    },
    font: token('font'),
    isStill: matchMedia('(prefers-reduced-motion: reduce)').matches,
  }
}
