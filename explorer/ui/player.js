// The bar under a stage that is stepped, played and scrubbed in the browser (see player.py).
// The stage's own script follows: it has `play`, `pause`, `go`, `move`, `linked` and `KEYS`.

const calm = window.matchMedia("(prefers-reduced-motion: reduce)")
const views = new WeakMap() // what is kept of each instance between runs

function wire(view) {
  view.play.onclick = () => (view.playing ? pause(view) : play(view))
  for (const button of view.root.querySelectorAll("[data-go]")) {
    button.onclick = () => go(view, button.dataset.go)
  }
  view.slider.oninput = () => {
    pause(view)
    move(view, Number(view.slider.value))
  }
  view.speed.onchange = () => view.playing && (pause(view), play(view))
  view.root.querySelector(".link").onclick = () => link(view)
  view.root.onkeydown = (event) => key(view, event)
}

function looks(view) {
  view.root.classList.toggle("playing", Boolean(view.playing))
  view.play.setAttribute("aria-label", view.playing ? "Pause" : "Play")
}

function key(view, event) {
  const busy = event.target.closest("select, input[type=checkbox]")
  if (busy || event.ctrlKey || event.metaKey || event.altKey || view.data.hidden) {
    return
  }
  if (event.key === " " && !event.target.closest("button")) {
    view.playing ? pause(view) : play(view)
  } else if (event.key in KEYS) {
    go(view, KEYS[event.key])
  } else {
    return
  }
  event.preventDefault()
}

function link(view) {
  const address = new URL(window.location.href)
  address.searchParams.set("at", linked(view))
  window.history.replaceState(window.history.state, "", address)
  const copied = () => (view.told.textContent = "The link to this step is copied.")
  const shown = () => (view.told.textContent = "The address bar holds the link to this step.")
  navigator.clipboard ? navigator.clipboard.writeText(address.href).then(copied, shown) : shown()
}

