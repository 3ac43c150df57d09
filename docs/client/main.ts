import { openSearch } from './search.ts'

const root = document.documentElement
const all = <E extends Element>(selector: string): E[] => [...document.querySelectorAll<E>(selector)]

/** The button that shows the navigation where the window is too narrow for it. */
function listenToMenu(): void {
  const button = document.querySelector<HTMLButtonElement>('.menu')!
  const show = (isOpen: boolean): void => {
    root.toggleAttribute('data-menu', isOpen)
    button.setAttribute('aria-expanded', String(isOpen))
  }
  button.addEventListener('click', () => show(!root.hasAttribute('data-menu')))
  addEventListener('keydown', ({ key }) => key === 'Escape' && show(false))
  all<HTMLElement>('.nav a').forEach((link) => link.addEventListener('click', () => show(false)))
  document.querySelector('.nav [aria-current]')?.scrollIntoView({ block: 'nearest' })
}

/** The button that turns light into dark; it is remembered, where the browser lets a page remember. */
function listenToTheme(): void {
  document.querySelector('.theme')!.addEventListener('click', () => {
    const isDark = getComputedStyle(document.querySelector('.theme')!).getPropertyValue('--is-dark') === '1'
    const theme = isDark ? 'light' : 'dark'
    root.dataset['theme'] = theme
    try {
      localStorage.setItem('theme', theme)
    } catch {
      // A page from disk may have no storage.
    }
  })
}

function listenToCopies(): void {
  all<HTMLButtonElement>('.copy').forEach((button) => {
    button.addEventListener('click', () => {
      const code = button.closest('figure')?.querySelector('code')?.textContent ?? ''
      navigator.clipboard.writeText(code).then(
        () => (button.textContent = 'Copied'),
        () => (button.textContent = 'Not allowed'),
      )
    })
  })
}

/** Marks in the outline where the reader is. */
function followReader(): void {
  const links = new Map(
    all<HTMLAnchorElement>('.outline a').map((link) => [link.hash.slice(1), link] as const),
  )
  const headings = all<HTMLElement>('main :is(h2, h3)[id]').filter(({ id }) => links.has(id))
  if (headings.length === 0) return
  const mark = (): void => {
    const current = headings.findLast((heading) => heading.getBoundingClientRect().top < 140) ?? headings[0]!
    for (const [id, link] of links) link.toggleAttribute('data-current', id === current.id)
  }
  addEventListener('scroll', mark, { passive: true })
  mark()
}

listenToMenu()
listenToTheme()
listenToCopies()
followReader()
openSearch(document.body.dataset['root'] ?? '.')
