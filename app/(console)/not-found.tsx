import { NothingHere } from "../nothing-here";

/** An address inside the frame, which has the page's one main landmark and the brand already. */
export default function NotFound() {
  return <NothingHere />;
}
