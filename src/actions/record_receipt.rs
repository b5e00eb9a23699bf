//! A person records when and how the agency received a letter.
