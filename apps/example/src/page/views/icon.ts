// It comes after the first paint: an address with nothing in it keeps the browser from asking for one.
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#1f5fbf"/><path d="M7 11h13m0 0-4-4m4 4-4 4M25 21H12m0 0 4-4m-4 4 4 4" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"/></svg>`

document
  .querySelector('link[rel=icon]')
  ?.setAttribute('href', `data:image/svg+xml,${encodeURIComponent(SVG)}`)
