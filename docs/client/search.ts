import MiniSearch from 'minisearch'
import { type Found, searchOptions } from '../build/search-options.ts'

const MOST_SHOWN = 12

declare global {
  var searchIndex: string | undefined
}

/**
 * The search: a dialog over the page, whose index is loaded when it is opened for the first time.
 *
 * @param root The way from this page to the site's root.
 */
export function openSearch(root: string): void {
  const dialog = document.createElement('dialog')
  dialog.className = 'search'
  dialog.setAttribute('aria-label', 'Search')
  dialog.innerHTML = `
    <input type="search" role="combobox" aria-label="Search the pages" aria-controls="found" aria-expanded="false"
      aria-autocomplete="list" autocomplete="off" spellcheck="false" placeholder="Search the pages">
    <ul id="found" role="listbox" aria-label="Found" tabindex="-1"></ul>
    <p class="hint" role="status">Type to search. Arrow keys choose, Enter opens.</p>`
  document.body.append(dialog)
  const input = dialog.querySelector('input')!
  const list = dialog.querySelector('ul')!
  const hint = dialog.querySelector('.hint')!
  let chosen = 0

  const open = (): void => {
    dialog.showModal()
    input.select()
    loadIndex(root).then(show, () => (hint.textContent = 'The index of the search is missing.'))
  }

  const choose = (to: number): void => {
    const options = [...list.children]
    chosen = Math.max(0, Math.min(to, options.length - 1))
    for (const [i, option] of options.entries()) option.setAttribute('aria-selected', String(i === chosen))
    const option = options[chosen]
    if (option === undefined) input.removeAttribute('aria-activedescendant')
    else input.setAttribute('aria-activedescendant', option.id)
    option?.scrollIntoView({ block: 'nearest' })
  }

  const show = (): void => {
    const query = input.value.trim()
    const found = query === '' ? [] : find(query)
    list.replaceChildren(...found.map((place, i) => optionOf(place, i, query)))
    input.setAttribute('aria-expanded', String(found.length > 0))
    hint.textContent =
      query === ''
        ? 'Type to search. Arrow keys choose, Enter opens.'
        : found.length === 0
          ? `Nothing is found for “${query}”.`
          : ''
    choose(0)
  }

  input.addEventListener('input', show)
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown') choose(chosen + 1)
    else if (event.key === 'ArrowUp') choose(chosen - 1)
    else if (event.key === 'Enter') (list.children[chosen] as HTMLElement | undefined)?.click()
    else return
    event.preventDefault()
  })
  dialog.addEventListener('click', (event) => {
    const option = (event.target as Element).closest<HTMLElement>('[role=option]')
    if (option !== null) location.href = `${root}/${option.dataset['place']}`
    if (option !== null || event.target === dialog) dialog.close()
  })
  document.querySelector('.find')!.addEventListener('click', open)
  addEventListener('keydown', (event) => {
    const isTyping = (event.target as Element).closest?.('input, textarea, select') !== null
    const isShortcut =
      (event.key === '/' && !isTyping) || (event.key === 'k' && (event.ctrlKey || event.metaKey))
    if (!isShortcut || dialog.open) return
    event.preventDefault()
    open()
  })
}

let index: MiniSearch<Found> | undefined

async function loadIndex(root: string): Promise<void> {
  if (index !== undefined) return
  await new Promise<void>((resolve, reject) => {
    const script = document.createElement('script')
    script.src = `${root}/assets/search-index.js`
    script.onload = () => resolve()
    script.onerror = () => reject(new Error('no index'))
    document.head.append(script)
  })
  index = MiniSearch.loadJSON<Found>(globalThis.searchIndex ?? '', searchOptions)
}

function find(query: string): readonly Found[] {
  return (index?.search(query) ?? []).slice(0, MOST_SHOWN) as unknown as Found[]
}

function optionOf({ place, title, heading, text }: Found, i: number, query: string): HTMLElement {
  const option = document.createElement('li')
  option.id = `found-${i}`
  option.setAttribute('role', 'option')
  option.dataset['place'] = place
  const name = document.createElement('strong')
  name.textContent = heading
  const where = document.createElement('small')
  where.textContent = title
  const excerpt = document.createElement('span')
  excerpt.textContent = excerptOf(text, query)
  option.append(name, where, excerpt)
  return option
}

/** The text around the first word that was searched for. */
function excerptOf(text: string, query: string): string {
  const word = query.split(/\s+/)[0]!.toLowerCase()
  const at = text.toLowerCase().indexOf(word)
  const from = at < 60 ? 0 : text.indexOf(' ', at - 60) + 1
  return `${from > 0 ? '… ' : ''}${text.slice(from, from + 160)}`
}
