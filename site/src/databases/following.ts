/** Commands that follow the results from cut to cut, as the page and `docs/deltas.md` show them. */

/** Each step's commands, in order, for a shell; `site` is the tree's address with its slash. */
export function followingCommands(site: string): string[] {
  return [
    `site=${site}
curl -fsS --etag-compare tag --etag-save tag -o current.json \${site}current.json
cut=$(jq .cut current.json)`,
    `for n in $(seq $(($(cat last 2>/dev/null || echo -1) + 1)) $cut); do
  curl -fsS -o $n.json \${site}cuts/$n.json
  [ $n = 0 ] || echo "$(jq -r .previous $n.json)  $((n - 1)).json" | sha256sum -c
  curl -fsS -o $n.pack \${site}cuts/$n.pack
  echo "$(jq -r .pack.sha256 $n.json)  $n.pack" | sha256sum -c
done
echo "$(jq -r .manifest.sha256 current.json)  $cut.json" | sha256sum -c
echo $cut > last`,
    `sed -n 'n;p' $cut.pack | jq -r 'select(.kind == "seccion") | .contest as $contest
  | .actas[] | select(.counting == 1) | [$contest, .expected.id, .total] | @csv' > counted.csv`,
    `results=$(jq -r '.contests[0].results.sha256' $cut.json)
curl -fsS -o $results.json \${site}objects/$(echo $results | cut -c 1-2)/$results.json
echo "$results  $results.json" | sha256sum -c
jq '.summary, .votes.candidacies' $results.json`,
  ];
}
