/** A document that knows which of its values were looked at. */
export interface Tracked {
  /** The same values; whoever reads one of them is noted. */
  readonly document: unknown
  /** The values that nobody has looked at, by place, items of a list together. */
  unread(): readonly Unread[]
}

/** Values that nobody has looked at. */
export interface Unread {
  /** Where, e.g. `decode[].error`. */
  readonly place: string
  /** How many values are there. */
  readonly count: number
  /** Whether it is a list or an object, rather than single values. */
  readonly isStructure: boolean
}

/** Names of what is written for people: it claims nothing that could be checked. */
const PROSE: ReadonlySet<string> = new Set([
  'about',
  'comment',
  'description',
  'id',
  'meta',
  'name',
  'note',
  'notes',
  'source',
  'what',
])

/** Follows what is read of a document that came from JSON. */
export function tracked(document: unknown): Tracked {
  const seen = new WeakMap<object, Set<string>>()
  const views = new WeakMap<object, object>()

  const viewOf = (value: unknown): unknown => {
    if (!isStructure(value)) return value
    let view = views.get(value)
    if (view === undefined) {
      const keys = new Set<string>()
      seen.set(value, keys)
      view = new Proxy(value, {
        get(target, key, receiver) {
          const inner: unknown = Reflect.get(target, key, receiver)
          if (typeof key === 'symbol' || !Object.hasOwn(target, key)) return inner
          keys.add(key)
          return viewOf(inner)
        },
      })
      views.set(value, view)
    }
    return view
  }

  const unread = (): Unread[] => {
    const found = new Map<string, { count: number; isStructure: boolean }>()
    const walk = (value: unknown, place: string): void => {
      if (!isStructure(value)) return
      const keys = seen.get(value)
      for (const [key, inner] of Object.entries(value)) {
        // At the top, a text says what the file is.
        if (PROSE.has(key) || (place === '' && typeof inner === 'string')) continue
        const at = Array.isArray(value) ? `${place}[]` : place === '' ? key : `${place}.${key}`
        if (keys?.has(key) === true) walk(inner, at)
        else {
          const known = found.get(at)
          found.set(at, {
            count: (known?.count ?? 0) + 1,
            isStructure: (known?.isStructure ?? false) || isStructure(inner),
          })
        }
      }
    }
    walk(document, '')
    return [...found].map(([place, one]) => ({ place, ...one }))
  }

  return { document: viewOf(document), unread }
}

function isStructure(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
