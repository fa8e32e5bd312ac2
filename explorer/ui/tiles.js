// Shows thumbnails and tells Python which of them are chosen.

const SMALL = 48 // pixels below which a picture keeps its squares when it is enlarged

const views = new WeakMap() // what is kept of each instance between runs

export default function (component) {
  const { parentElement, data, setStateValue } = component
  let view = views.get(parentElement)
  if (!view) {
    view = { root: parentElement.querySelector(".tiles"), chosen: new Set(), shown: "" }
    views.set(parentElement, view)
  }
  view.several = data.several
  view.tell = () => setStateValue("chosen", [...view.chosen])
  const shown = data.tiles.map((tile) => [tile.id, tile.words, tile.more, tile.src.length].join()).join(";")
  if (shown !== view.shown) {
    view.shown = shown
    const known = new Set(data.tiles.map((tile) => tile.id))
    view.chosen = new Set([...view.chosen].filter((id) => known.has(id)))
    view.root.replaceChildren(...data.tiles.map((tile) => button(view, tile)))
  }
}

function button(view, tile) {
  const made = document.createElement("button")
  made.type = "button"
  made.title = [tile.words, tile.more].filter(Boolean).join(" · ")
  made.setAttribute("aria-pressed", view.chosen.has(tile.id))
  const image = document.createElement("img")
  image.alt = ""
  image.onload = () => image.classList.toggle("small", image.naturalWidth < SMALL)
  image.src = tile.src
  made.append(image, line(tile.words, "words"))
  if (tile.more) {
    made.append(line(tile.more, "more"))
  }
  made.onclick = () => choose(view, tile.id)
  made.dataset.id = tile.id
  return made
}

function line(text, kind) {
  const made = document.createElement("span")
  made.className = kind
  made.textContent = text
  return made
}

function choose(view, id) {
  const had = view.chosen.has(id)
  if (!view.several) {
    view.chosen.clear()
  }
  had ? view.chosen.delete(id) : view.chosen.add(id)
  for (const each of view.root.children) {
    each.setAttribute("aria-pressed", view.chosen.has(Number(each.dataset.id)))
  }
  view.tell()
}
