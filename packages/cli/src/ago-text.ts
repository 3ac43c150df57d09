/** `just now`, `2 min ago`. */
export function agoText(lastMs: number | undefined, now: number): string {
  if (lastMs === undefined) return 'at some time'
  const seconds = Math.round((now - lastMs) / 1000)
  if (seconds < 60) return 'just now'
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`
  return `${Math.floor(seconds / 86_400)} d ago`
}
