/** Returns the path of a request target: without query, and without the scheme and host that a proxy's client sends. */
export function pathOf(url: string): string {
  const end = url.search(/[?#]/)
  const target = end < 0 ? url : url.slice(0, end)
  const path = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '')
  return path === '' ? '/' : path
}
