// Listens as long as the page stands: what a map does on other pages for the figures beside it.

export default function ({ parentElement }) {
  if (parentElement.figureLinks) return parentElement.figureLinks;
  const heard = new AbortController();
  const listen = (target, kind, what) => target.addEventListener(kind, what, { signal: heard.signal });
  listenToPlots({ listen });
  parentElement.figureLinks = () => {
    heard.abort();
    delete parentElement.figureLinks;
  };
  return parentElement.figureLinks;
}
