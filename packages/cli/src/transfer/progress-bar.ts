const WIDTH = 24

/** `photo.jpg ██████░░░░░░ 45 %  22 of 48` */
export function progressText(what: string, done: number, total: number, detail = ''): string {
  const share = total === 0 ? 0 : Math.min(1, done / total)
  const filled = Math.floor(share * WIDTH)
  const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled)
  return `${what} ${bar} ${String(Math.floor(share * 100)).padStart(3)} %${detail === '' ? '' : `  ${detail}`}`
}
