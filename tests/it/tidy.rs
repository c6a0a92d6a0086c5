//! Keeps the house in order by reading its text: the walls between folders, files nobody compiles, words that do not belong.
//! Every check is a function over text, proven able to fail on a planted fault.

mod deaf;
mod forgotten;
mod links;
mod walls;
mod words;
