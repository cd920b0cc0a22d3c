// Makes the drawn charts answer to a pointer, from the same documents. The pictures stay where it cannot.
const dark = matchMedia("(prefers-color-scheme: dark)");
const source = document.querySelector("script[data-vega]").dataset.vega;
let engine = null;

function loaded() {
  engine ??= import(source).then(() => window.vegaEmbed);
  return engine;
}

async function upgrade(figure) {
  try {
    const theme = dark.matches ? "dark" : "light";
    const picture = figure.querySelector(".picture");
    const width = picture.clientWidth;
    const [embed, answer] = await Promise.all([
      loaded(),
      fetch(`${figure.dataset.chart}&theme=${theme}&width=${width}`),
    ]);
    if (!answer.ok) return;
    const holder = document.createElement("div");
    holder.className = "live";
    picture.append(holder);
    const made = await embed(holder, await answer.json(), {
      ast: true, // expressions are interpreted: nothing is evaluated as script
      actions: false,
      defaultStyle: false,
      renderer: "canvas",
      tooltip: {disableDefaultStyle: true},
    });
    const image = picture.querySelector("img");
    const canvas = holder.querySelector("canvas");
    if (canvas) {
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", image.alt);
    }
    figure.live?.finalize();
    for (const old of picture.querySelectorAll(".live")) if (old !== holder) old.remove();
    figure.live = made;
    figure.drawn = width;
    figure.classList.add("upgraded");
  } catch (problem) {
    figure.classList.remove("upgraded");
    figure.querySelector(".live")?.remove();
  }
}

if (!navigator.connection?.saveData) {
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      seen.unobserve(entry.target);
      upgrade(entry.target);
    }
  }, {rootMargin: "200px"});
  const figures = document.querySelectorAll("figure[data-chart]");
  for (const figure of figures) seen.observe(figure);
  const again = () => {
    for (const figure of figures) if (figure.live) upgrade(figure);
  };
  dark.addEventListener("change", again);
  let waiting = 0;
  addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      for (const figure of figures) {
        if (figure.live && figure.drawn !== figure.querySelector(".picture").clientWidth) upgrade(figure);
      }
    }, 200);
  });
}
