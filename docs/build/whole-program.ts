import { readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { packageOf, parseSource } from '../../scripts/imports.ts'
import { excerpt } from '../../scripts/readme-examples.ts'

const QUOTED_REGION = /^<!-- example: (?<path>\S+\/examples\/[^\s#]+)#\S+ -->$/gm

/**
 * What stands at the end of a page that quotes a program piece by piece: the whole of it, and what it installs.
 *
 * @returns markdown; empty where no program is quoted so, or where the page shows it whole anyway.
 */
export function wholePrograms(root: string, source: string, markdown: string): string {
  const paths = new Set([...markdown.matchAll(QUOTED_REGION)].map(({ groups }) => groups!['path']!))
  const programs = [...paths].flatMap((path) => {
    const file = posix.join(dirname(source), path)
    const text = readFileSync(join(root, file), 'utf8')
    // A function that a page alone calls is no program.
    return /^export /m.test(text) ? [] : [{ path, name: posix.basename(file), text }]
  })
  if (programs.length === 0) return ''
  const sections = programs.map(
    ({ path, name, text }) =>
      `\`\`\`sh\nnpm install ${installed(name, text).join(' ')}\nnode ${name}\n\`\`\`\n\n<!-- example: ${path} -->\n\n\`\`\`ts\n${excerpt(text)}\`\`\`\n`,
  )
  const title = programs.length === 1 ? 'The whole program' : 'The whole programs'
  return `\n\n## ${title}\n\n${sections.join('\n')}`
}

/** Says before the first piece of a program that the whole of it stands at the end; a page that shows none so stays as it is. */
export function withPointer(markdown: string, programs: string): string {
  const [, anchor] = /^## (The whole programs?)$/m.exec(programs) ?? []
  const first = markdown.search(QUOTED_REGION)
  if (anchor === undefined || first < 0) return markdown
  const pointer = `The pieces on this page belong together: [${anchor.toLowerCase()}](#${anchor.toLowerCase().replaceAll(' ', '-')}) is at its end.`
  return `${markdown.slice(0, first)}${pointer}\n\n${markdown.slice(first)}`
}

/** The packages that a program imports, and RxJS, which ours need beside them. */
function installed(name: string, text: string): string[] {
  const { imports } = parseSource(name, text)
  const names = imports.map(({ specifier }) => packageOf(specifier)).filter((found) => found !== undefined)
  return [...new Set([...names, 'rxjs'])].toSorted()
}
